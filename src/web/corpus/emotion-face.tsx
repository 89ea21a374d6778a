import { type Emotion, emotionOf } from '../../core/base';

interface Face {
  /** curve of the mouth */
  mouth: string;
  /** the mouth is open */
  isOpen?: boolean;
  /** curves of the brows */
  brows: string;
  /** radius of the eyes */
  eye?: number;
}

const faces: Readonly<Record<Emotion, Face>> = {
  angry: { mouth: 'M22 46 Q32 39 42 46', brows: 'M16 19 L27 25 M48 19 L37 25' },
  disgust: { mouth: 'M21 43 Q26 39 31 43 T42 44', brows: 'M16 22 L27 24 M37 22 Q42 17 48 20' },
  fear: {
    mouth: 'M22 46 q3.3 -6 6.6 0 t6.6 0 t6.6 0',
    brows: 'M17 21 Q21 16 27 17 M47 21 Q43 16 37 17',
    eye: 3.8,
  },
  happy: { mouth: 'M20 39 Q32 53 44 39', brows: 'M17 20 Q22 16 27 19 M47 20 Q42 16 37 19' },
  neutral: { mouth: 'M22 44 L42 44', brows: 'M17 20 L27 20 M37 20 L47 20' },
  sad: { mouth: 'M22 48 Q32 38 42 48', brows: 'M17 23 L27 18 M47 23 L37 18' },
  surprise: {
    mouth: 'M32 38 a5.5 6.5 0 1 0 0.01 0',
    isOpen: true,
    brows: 'M16 17 Q22 11 27 15 M48 17 Q42 11 37 15',
    eye: 3.4,
  },
};

/** A drawn face that shows the emotion, or the first letter of a label without a face. Decorative: the word stands next to it. */
export function EmotionFace({ label, size = 64 }: { label: string; size?: number }) {
  const emotion = emotionOf(label);
  return (
    <svg class="emotion-face" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <circle cx="32" cy="32" r="29" />
      {emotion === undefined ? (
        <text x="32" y="41" text-anchor="middle">
          {Array.from(label.toUpperCase())[0]}
        </text>
      ) : (
        <Features {...faces[emotion]} />
      )}
    </svg>
  );
}

function Features({ mouth, brows, isOpen = false, eye = 2.6 }: Face) {
  return (
    <>
      <circle class="eye" cx="22" cy="29" r={eye} />
      <circle class="eye" cx="42" cy="29" r={eye} />
      <path d={brows} />
      <path d={mouth} class={isOpen ? 'open' : ''} />
    </>
  );
}
