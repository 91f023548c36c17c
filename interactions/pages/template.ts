/**
 * Templates: EJS files, compiled once. In them, `t` is the page's texts, `model` what the page shows, `site` what is the
 * same on every page, and `part` the shared parts; nothing else is in scope. This file knows nothing of any page.
 */

import { readFileSync } from 'node:fs';
import ejs from 'ejs';

export type Template = (names: { t: object; model?: object; site?: object; part?: object }) => string;

/** Compiles `file`. `<%=` escapes for HTML, or passes through as it is when the output is plain 'text'; it throws on
 *  undefined, so that a misspelt name is a failure and not a gap. */
export function template(file: URL, output: 'html' | 'text' = 'html'): Template {
  return ejs.compile(readFileSync(file, 'utf8'), {
    filename: file.pathname,
    strict: true,
    destructuredLocals: ['t', 'model', 'site', 'part'],
    escape(value?: unknown) {
      if (value === undefined) throw new TypeError('A template printed a value that is not there.');
      return output === 'html' ? ejs.escapeXML(value) : String(value);
    },
  });
}
