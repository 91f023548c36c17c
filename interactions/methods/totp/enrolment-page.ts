/** The page on which an authenticator app is set up: the key in three forms, and the field for the first code. */

import encodeQR from 'qr';
import type { Pages, Problem, View } from '../../pages/render.ts';
import { template } from '../../pages/template.ts';
import { digits } from './app.ts';
import { texts } from './texts.ts';

export interface SetupModel {
  /** Where the form is posted: the field `code`, or the button `cancel`. */
  action: string;
  /** The address that hands the key to an app: in the QR code, and behind a link. */
  address: string;
  /** In base32. */
  key: string;
  /** As the app will name them. */
  issuer: string;
  username: string;
  /** Whether there is an app already, which this one takes the place of. */
  replaces: boolean;
  /** 'changed': the account has changed meanwhile, and it was not set up. 'expired': the beginning before this one had, and this is a new one. */
  problem?: 'missing' | 'malformed' | 'wrong' | 'changed' | 'expired';
}

const page = template(new URL('./set-up.ejs', import.meta.url));

/** The page as HTML. The QR code stands in it, so that the key is in no other answer. */
export function setupPage(pages: Pages, view: View, model: SetupModel): string {
  const t = texts[view.locale].setup;
  const atCode = (text: string): Problem => ({ text, field: 'code', atField: text });
  const problems: Record<NonNullable<SetupModel['problem']>, Problem> = {
    missing: atCode(t.problem.missing),
    malformed: atCode(t.problem.malformed(digits)),
    wrong: atCode(t.problem.wrong),
    changed: { text: t.problem.changed },
    expired: { text: t.problem.expired },
  };
  return pages.render(view, {
    template: page,
    heading: t.heading,
    t,
    model: { ...model, digits, groups: inGroups(model.key), picture: picture(model.address, t.picture) },
    problems: model.problem ? [problems[model.problem]] : [],
    signIn: view.service !== undefined,
  });
}

const inGroups = (key: string) => (key.match(/.{1,4}/g) ?? []).join(' ');

/**
 * The QR code as SVG, black on white also where the page is dark: cameras need the contrast, and the empty border of four modules (ISO/IEC
 * 18004). Its colours are attributes, because no style may stand in a page.
 */
function picture(address: string, label: string): string {
  const svg = encodeQR(address, 'svg', { ecc: 'medium', border: 4 });
  const opening = `<svg width="232" height="232" role="img" aria-label="${label}" shape-rendering="crispEdges" `;
  return svg.replace('<svg ', opening).replace('>', '><rect width="100%" height="100%" fill="#fff"/>');
}
