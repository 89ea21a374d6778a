import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { WorkerClient } from '../worker/client';
import type { ModelSummary } from '../worker/protocol';
import type { Example } from './site';

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
