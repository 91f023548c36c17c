/**
 * The deployment's colour, made into the sixteen shades that the design system's accent has, in light and in dark.
 * Pure arithmetic: it knows nothing of files or pages. Each step of the system has a luminance of its own, whatever
 * the hue, and its contrasts rest on that; so a shade here is the deployment's hue at the step's luminance.
 */

/** Linear-light red, green and blue, 0 to 1 each. */
type Light = [number, number, number];

/** Relative luminance of each step, as the design system's own accent has it. */
const steps = {
  light: {
    'background-default': 1,
    'background-tinted': 0.9,
    'surface-default': 1,
    'surface-tinted': 0.81,
    'surface-hover': 0.7,
    'surface-active': 0.59,
    'border-subtle': 0.5,
    'border-default': 0.19,
    'border-strong': 0.11,
    'text-subtle': 0.11,
    'text-default': 0.024,
  },
  dark: {
    'background-default': 0.009,
    'background-tinted': 0.014,
    'surface-default': 0.021,
    'surface-tinted': 0.027,
    'surface-hover': 0.036,
    'surface-active': 0.056,
    'border-subtle': 0.079,
    'border-default': 0.22,
    'border-strong': 0.388,
    'text-subtle': 0.388,
    'text-default': 0.84,
  },
} as const;

/** Luminance of the solid colour: at least 3:1 against the page in each scheme, as WCAG 2.2, 1.4.11 asks of controls. */
const solid = { light: { least: 0, most: 0.28 }, dark: { least: 0.2, most: 0.6 } } as const;

/** CSS that makes `colour` ('#rrggbb') the accent, in light and in dark. */
export function themeCss(colour: string): string {
  const rules = (scheme: 'light' | 'dark') =>
    Object.entries(accent(colour, scheme))
      .map(([step, hex]) => `--ds-color-accent-${step}:${hex}`)
      .join(';');
  return `:root{${rules('light')}}@media (prefers-color-scheme:dark){:root{${rules('dark')}}}`;
}

/** The accent's shades by step name, '#rrggbb' each. */
export function accent(colour: string, scheme: 'light' | 'dark'): Record<string, string> {
  const hue = parse(colour);
  const bright = brightest(hue);
  // Between the two: lightened from the dark hue itself, a shade turns grey; from the bright one it turns gaudy.
  const clear = hue.map((part, at) => (part + bright[at]!) / 2) as Light;
  const { least, most } = solid[scheme];
  const base = Math.min(Math.max(luminance(hue), least), most);
  const whiteOnBase = contrast(1, base) >= contrast(0, base);
  // Under the pointer the solid colour moves away from its text's colour, so that the contrast only grows.
  const towards = (share: number) => (whiteOnBase ? base * (1 - share) : base + (1 - base) * share);
  return {
    ...Object.fromEntries(Object.entries(steps[scheme]).map(([step, light]) => [step, hex(shade(clear, light))])),
    'base-default': hex(shade(bright, base)),
    'base-hover': hex(shade(bright, towards(0.3))),
    'base-active': hex(shade(bright, towards(0.5))),
    'base-contrast-subtle': hex(shade(hue, whiteOnBase ? 0.8 : 0.009)),
    'base-contrast-default': whiteOnBase ? '#ffffff' : '#000000',
  };
}

/** Contrast ratio of two luminances. WCAG 2.2, "contrast ratio". */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** Relative luminance of a '#rrggbb'. WCAG 2.2, "relative luminance". */
export function luminanceOf(colour: string): number {
  return luminance(parse(colour));
}

/** `hue` at luminance `target`: darker is less of the same light, lighter is white mixed in. Luminance is linear in
 *  linear light, so neither needs a search. */
function shade(hue: Light, target: number): Light {
  const own = luminance(hue);
  if (target < own) return hue.map((part) => (part * target) / own) as Light;
  const white = own === 1 ? 0 : (target - own) / (1 - own);
  return hue.map((part) => part + (1 - part) * white) as Light;
}

/** The same hue as bright as it goes. Solid colours start from it, so that they stay colours in the dark scheme too. */
function brightest(hue: Light): Light {
  const most = Math.max(...hue);
  return most === 0 ? hue : (hue.map((part) => part / most) as Light);
}

function luminance([red, green, blue]: Light): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(colour: string): Light {
  return [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Light;
}

function hex(light: Light): string {
  const parts = light.map((part) => {
    const display = part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
    return Math.round(display * 255)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}
