import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useCanvas } from './canvas';
import { drawTimeline, timelineHeight, timelineMargin } from './draw-timeline';
import type { Piece } from './pieces';
import { formatTime } from './verdict';

/** The timeline of a recording with its player. Clicking into the timeline moves the player. */
export function PlayableTimeline({
  classes,
  pieces,
  envelope,
  durationSec,
  threshold,
  audio,
  summary,
}: {
  classes: readonly string[];
  pieces: readonly Piece[];
  envelope: Float32Array;
  durationSec: number;
  threshold: number;
  /** what the player plays */
  audio: Blob;
  /** the timeline in words, for screen readers */
  summary: string;
}) {
  const player = useRef<HTMLAudioElement>(null);
  const cursorSec = useRef(0);
  const [address, setAddress] = useState('');
  useEffect(() => {
    const created = URL.createObjectURL(audio);
    setAddress(created);
    return () => {
      URL.revokeObjectURL(created);
    };
  }, [audio]);

  const draw = useCallback(
    (surface: Parameters<typeof drawTimeline>[0]) => {
      drawTimeline(surface, {
        classes,
        pieces,
        envelope,
        fromSec: 0,
        toSec: durationSec,
        cursorSec: cursorSec.current,
        threshold,
      });
    },
    [classes, pieces, envelope, durationSec, threshold],
  );
  const [canvas, redraw] = useCanvas(draw);

  useEffect(() => {
    const element = player.current;
    if (!element) return undefined;
    let frame = 0;
    const follow = (): void => {
      cursorSec.current = element.currentTime;
      redraw();
      cancelAnimationFrame(frame);
      if (!element.paused) frame = requestAnimationFrame(follow);
    };
    const events = ['play', 'pause', 'seeked', 'seeking', 'timeupdate', 'ended'];
    for (const name of events) element.addEventListener(name, follow);
    return () => {
      for (const name of events) element.removeEventListener(name, follow);
      cancelAnimationFrame(frame);
    };
  }, [redraw]);

  const seek = ({ offsetX, currentTarget }: MouseEvent): void => {
    const { clientWidth } = currentTarget as HTMLCanvasElement;
    const share = (offsetX - timelineMargin) / (clientWidth - timelineMargin);
    if (player.current && share >= 0) player.current.currentTime = share * durationSec;
  };
  return (
    <div class="stack-small">
      {/* The player has controls for the keyboard; a click is a shortcut. */}
      <canvas
        ref={canvas}
        class="timeline"
        role="img"
        aria-label={summary}
        style={{ height: `${timelineHeight(classes.length, true)}px` }}
        onClick={seek}
      />
      <audio
        ref={player}
        controls
        preload="metadata"
        {...(address !== '' && { src: address })}
        aria-label={`Player, ${formatTime(durationSec)}`}
      />
    </div>
  );
}
