import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Chromium or Chrome on this machine (`SER_CHROMIUM`, or a usual place); undefined if there is none. */
export const chromiumPath: string | undefined = [
  process.env.SER_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => existsSync(path));

/** Starts it without a window, and without the requests that it makes on its own behalf. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
