export interface Sheet {
  /** For those who do not see it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Of text, unless it has its own. */
  readonly fontSize: number;
}

/** An SVG on white, of parts in the order in which they are painted. */
export function drawing(sheet: Sheet, parts: readonly string[]): string {
  const { title, width, height, fontSize } = sheet;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="${fontSize}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** A line of text that starts, has its middle or ends at a point. */
export function text(
  x: number,
  y: number,
  anchor: "start" | "middle" | "end",
  value: string,
  size?: number,
): string {
  const font = size === undefined ? "" : ` font-size="${size}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${font} fill="#222">${escapeXml(value)}</text>`;
}

export function escapeXml(value: string): string {
  return value.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
