import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base';

/** A button for an action that cannot be undone, with a confirmation dialog. */
export function ConfirmButton({
  label,
  name,
  question,
  onConfirm,
}: {
  label: string;
  /** what the action applies to, for screen readers */
  name: string;
  question: string;
  onConfirm: () => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const close = (): void => {
    dialog.current?.close();
  };
  return (
    <>
      <button
        type="button"
        class="danger"
        onClick={() => {
          setOpen(true);
        }}
      >
        {label}
        <span class="visually-hidden"> {name}</span>
      </button>
      {isOpen && (
        <dialog
          ref={dialog}
          class="card confirm"
          aria-label={question}
          onClose={() => {
            setOpen(false);
          }}
        >
          <p>
            <strong>{question}</strong>
          </p>
          <p class="quiet">{name}. This cannot be undone.</p>
          <div class="row">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                close();
                onConfirm();
              }}
            >
              {label}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}

/** Plays a WAV file, or stops it. */
export function TakePlayer({
  load,
  label,
  name,
  onProblem,
}: {
  load: () => Promise<Uint8Array<ArrayBuffer>>;
  /** for example `Listen` */
  label: string;
  /** what is played, for screen readers */
  name: string;
  onProblem: (reason: string) => void;
}) {
  const [isPlaying, setPlaying] = useState(false);
  const stopRef = useRef<() => void>(() => undefined);
  useEffect(
    () => () => {
      stopRef.current();
    },
    [],
  );
  const play = async (): Promise<void> => {
    setPlaying(true);
    let address: string | undefined;
    const player = new Audio();
    const stop = (): void => {
      player.pause();
      if (address !== undefined) URL.revokeObjectURL(address);
      setPlaying(false);
      stopRef.current = () => undefined;
    };
    const stopped = new AbortController();
    stopRef.current = () => {
      stopped.abort();
      stop();
    };
    try {
      const wav = await load();
      if (stopped.signal.aborted) return;
      address = URL.createObjectURL(new Blob([wav], { type: 'audio/wav' }));
      player.src = address;
      player.addEventListener('ended', stop);
      await player.play();
    } catch (error) {
      if (stopped.signal.aborted) return;
      stop();
      onProblem(`The recording cannot be played: ${messageOf(error)}`);
    }
  };
  return (
    <button
      type="button"
      onClick={() => {
        if (isPlaying) stopRef.current();
        else void play();
      }}
    >
      <span aria-hidden="true">{isPlaying ? '■' : '▶'}</span>
      {isPlaying ? 'Stop' : label}
      <span class="visually-hidden"> {name}</span>
    </button>
  );
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser reads the content after this function has ended.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
