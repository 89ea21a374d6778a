/**
 * A picture in a palette of 256 colours, as many as a figure needs: half its size or less. The same bytes come of the same
 * picture on every machine.
 *
 * @returns the file's bytes; those of the original where they are fewer
 */
export async function reducePng(png: Buffer): Promise<Buffer> {
  // Only publishing needs it.
  const { default: upng } = await import('upng-js');
  const image = upng.decode(new Uint8Array(png).buffer);
  const reduced = Buffer.from(upng.encode(upng.toRGBA8(image), image.width, image.height, 256));
  return reduced.length < png.length ? reduced : png;
}
