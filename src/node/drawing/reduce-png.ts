/**
 * A picture in a palette of at most 256 colours, as many as a figure needs: some two thirds of its size.
 *
 * @returns the file's bytes; those of the original where they are fewer
 */
export async function reducePng(png: Buffer): Promise<Buffer> {
  // Only what is kept in files is reduced.
  const { pngQuantize } = await import('@napi-rs/image');
  const reduced = await pngQuantize(png, { minQuality: 0 });
  return reduced.length < png.length ? reduced : png;
}
