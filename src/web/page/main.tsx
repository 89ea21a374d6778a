import { render } from 'preact';
import { messageOf } from '../../core/base';
import { App } from './app';
import { fetchSite } from './workbench';

const root = document.getElementById('app')!;

try {
  const site = await fetchSite();
  root.textContent = '';
  render(<App site={site} />, root);
} catch (error) {
  root.textContent = `This page could not be loaded. ${messageOf(error)}`;
}
