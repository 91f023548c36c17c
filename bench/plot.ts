/** A plot as an SVG: latency against load, on logarithmic scales. Colours that are told apart without seeing colour, and each line named at its end. */

export interface Line {
  name: string;
  points: [number, number][];
}

const [width, height, left, bottom, top, right] = [900, 480, 70, 50, 50, 190];
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#555555', '#000000'];

/** `across` and `up` name the axes, with their units. */
export function plot(title: string, across: string, up: string, lines: Line[]): string {
  const all = lines.flatMap(({ points }) => points).filter(([x, y]) => x > 0 && y > 0 && Number.isFinite(y));
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const scale = (values: number[], from: number, to: number) => {
    const least = Math.log10(Math.min(...values) * 0.9);
    const most = Math.log10(Math.max(...values) * 1.1);
    return (value: number) => from + ((Math.log10(value) - least) / (most - least || 1)) * (to - from);
  };
  const x = scale(xs, left, width - right);
  const y = scale(ys, height - bottom, top);
  const ticks = (values: number[]) =>
    steps.filter((step) => step >= Math.min(...values) * 0.9 && step <= Math.max(...values) * 1.1);
  const grid = [
    ...ticks(xs).map(
      (value) =>
        `<line x1="${x(value)}" y1="${top}" x2="${x(value)}" y2="${height - bottom}"/><text x="${x(value)}" y="${height - bottom + 18}" text-anchor="middle">${value}</text>`,
    ),
    ...ticks(ys).map(
      (value) =>
        `<line x1="${left}" y1="${y(value)}" x2="${width - right}" y2="${y(value)}"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
    ),
  ];
  const drawn = lines.map(({ name, points }, n) => {
    const shown = points.filter(([px, py]) => px > 0 && py > 0 && Number.isFinite(py)).sort((a, b) => a[0] - b[0]);
    const colour = colours[n % colours.length];
    const path = shown.map(([px, py], at) => `${at === 0 ? 'M' : 'L'}${x(px).toFixed(1)},${y(py).toFixed(1)}`).join('');
    const [lastX, lastY] = shown.at(-1) ?? [1, 1];
    const dots = shown.map(
      ([px, py]) => `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3" fill="${colour}" stroke="none"/>`,
    );
    return `<g stroke="${colour}" fill="none" stroke-width="2"><path d="${path}"/>${dots.join('')}</g><text x="${x(lastX) + 8}" y="${y(lastY) + 4}" fill="${colour}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="26" font-size="16">${title}</text>
<g stroke="#ddd" stroke-width="1" fill="#333">${grid.join('').replaceAll('<text ', '<text stroke="none" ')}</g>
${drawn.join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 10}" text-anchor="middle">${across}</text>
<text transform="translate(16,${height / 2}) rotate(-90)" text-anchor="middle">${up}</text>
</svg>
`;
}

/** Where lines of the grid may be: 1, 2, 5 and their tens. */
const steps = [-1, 0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5].map((step) => Number((step * 10 ** power).toPrecision(1))),
);
