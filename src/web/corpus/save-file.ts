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
