import { createRequire } from 'node:module';

/** One bundled file of {@link fontFamily}. */
export interface FontFile {
  /** CSS weight */
  weight: number;
  italic: boolean;
  path: string;
}

/** The bundled files; other weights are drawn with the nearest. */
export const fontFiles: readonly FontFile[] = [
  { weight: 400, italic: false, path: resolve('400Regular/OpenSans_400Regular.ttf') },
  { weight: 400, italic: true, path: resolve('400Regular_Italic/OpenSans_400Regular_Italic.ttf') },
  { weight: 600, italic: false, path: resolve('600SemiBold/OpenSans_600SemiBold.ttf') },
  { weight: 700, italic: false, path: resolve('700Bold/OpenSans_700Bold.ttf') },
];

function resolve(file: string): string {
  return createRequire(__filename).resolve(`@expo-google-fonts/open-sans/${file}`);
}
