const COLOUR = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;

/** Contrast ratio of a colour `#rrggbb` against white by WCAG 2, from 1 (white) to 21 (black); NaN for anything else. */
export function contrastWithWhite(colour: string): number {
  const [, red, green, blue] = (COLOUR.exec(colour) ?? []).map((hex) => linear(parseInt(hex, 16) / 255));
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
