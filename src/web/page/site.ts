import { messageOf } from '../../core/base';
import type { ModelPlace } from '../worker/protocol';

/** A synthetic clip that comes with the page. */
export interface Example {
  emotion: string;
  /** for example `angry, synthetic voice 1` */
  label: string;
  name: string;
  content: Blob;
}

/** What the page offers, from its `site.json`. */
export interface Site {
  models: ModelPlace[];
  examples: Example[];
}

/**
 * Fetches the description of the page and its example clips.
 *
 * @throws Error with the reason if the page is incomplete
 */
export async function fetchSite(): Promise<Site> {
  const { models, examples } = (await (await fetchFile('site.json')).json()) as {
    models: ModelPlace[];
    examples: { file: string; emotion: string; label: string }[];
  };
  if (models.length === 0) throw new Error('site.json: it lists no model');
  const contents = await Promise.all(
    examples.map(async ({ file, ...example }): Promise<Example> => {
      const content = await (await fetchFile(file)).blob();
      return { ...example, name: file.replace(/^.*\//, ''), content };
    }),
  );
  return { models, examples: contents };
}

async function fetchFile(name: string): Promise<Response> {
  const response = await fetch(new URL(name, document.baseURI)).catch((error: unknown) => {
    throw new Error(`${name}: it cannot be fetched: ${messageOf(error)}`);
  });
  if (!response.ok) throw new Error(`${name}: the server returned status ${response.status}`);
  return response;
}
