import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { messageOf } from '../../core/base';
import type { WorkerClient } from '../worker/client';
import type { ModelPlace, ModelSummary } from '../worker/protocol';

/** What every part of the page uses. */
export interface Workbench {
  client: WorkerClient;
  /** the chosen model; undefined while it is loading, or if it cannot be used */
  model: ModelSummary | undefined;
  /** minimum confidence, 0 to 1: the user's, or that of the model */
  threshold: number;
  examples: readonly Example[];
  /** reads a text to users of screen readers, at most once a second; of several texts in that time, the last */
  announce: (text: string) => void;
}

/** Provides the {@link Workbench}. */
export const WorkbenchContext = createContext<Workbench | undefined>(undefined);

/** The {@link Workbench} of the page. */
export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (!workbench) throw new Error('the component is outside the page');
  return workbench;
}

/** A synthetic clip that comes with the page. */
interface Example {
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
