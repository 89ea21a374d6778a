/**
 * A picture in a palette of 256 colours, as many as a figure needs: half its size or less.
 *
 * @returns the file's bytes; those of the original where they are fewer
 */
export async function reducePng(png: Buffer): Promise<Buffer> {
  // Only publishing needs it.
  const { pngQuantize } = await import('@napi-rs/image');
  const reduced = await pngQuantize(png, { minQuality: 0 });
  return reduced.length < png.length ? reduced : png;
}
