import type { Ref } from 'preact';
import { useCallback, useImperativeHandle, useRef } from 'preact/hooks';
import { useCanvas } from '../result/canvas';
import { drawTimeline, timelineHeight } from '../result/draw-timeline';
import type { Piece } from '../result/pieces';
import { visibleSec } from './spectrogram';

/** Draws live predictions as they arrive. */
export interface LiveTimelineHandle {
  append: (piece: Piece) => void;
  clear: () => void;
}

/** The predictions of the last ten seconds. */
export function LiveTimeline({
  handle,
  classes,
  threshold,
}: {
  handle: Ref<LiveTimelineHandle>;
  classes: readonly string[];
  threshold: number;
}) {
  const pieces = useRef<Piece[]>([]);
  const draw = useCallback(
    (surface: Parameters<typeof drawTimeline>[0]) => {
      // The newest is at the right, as in the spectrogram.
      const toSec = pieces.current.at(-1)?.endSec ?? visibleSec;
      drawTimeline(surface, {
        classes,
        pieces: pieces.current,
        fromSec: toSec - visibleSec,
        toSec,
        threshold,
      });
    },
    [classes, threshold],
  );
  const [canvas, redraw] = useCanvas(draw);
  useImperativeHandle(
    handle,
    () => ({
      append: (piece) => {
        pieces.current = [
          ...pieces.current.filter(({ endSec }) => endSec > piece.endSec - 2 * visibleSec),
          piece,
        ];
        redraw();
      },
      clear: () => {
        pieces.current = [];
        redraw();
      },
    }),
    [redraw],
  );
  return (
    <canvas
      ref={canvas}
      class="timeline"
      role="img"
      aria-label={`Predictions of the last ${visibleSec} seconds`}
      style={{ height: `${timelineHeight(classes.length, false)}px` }}
    />
  );
}
