import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../core/base';

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
