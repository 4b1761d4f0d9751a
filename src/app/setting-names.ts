import { PASSWORD_NAMES } from "./mail-password.ts";
import { findNearestName } from "./nearest-name.ts";
import type { SettingFault } from "./setting-text.ts";
import { SETTING_NAMES } from "./settings.ts";

const KNOWN: readonly string[] = [...SETTING_NAMES, ...PASSWORD_NAMES];
const OURS_ALONE = /^(?:WEBCAL|GRAYLISTING)_/i;

/** Short names are near to many others: `MAILER` is not meant to be MAILUSER, but `MAILUSR` is. */
const LETTERS_PER_SLIP = 5;
const MAX_SLIPS = 2;

/**
 * Names that are probably meant for us and would otherwise be ignored in silence: of our two families, or
 * a letter or two away from a known one. Everything else in the environment belongs to the platform.
 */
export function findUnknownSettings(names: Iterable<string>): SettingFault[] {
  const faults: SettingFault[] = [];
  for (const name of names) {
    if (KNOWN.includes(name)) continue;
    const nearest = findNearestName(name, KNOWN);
    if (OURS_ALONE.test(name) || isSlipOf(name, nearest)) {
      faults.push({ name, message: `is not a setting: remove it, or did you mean ${nearest.name}?` });
    }
  }
  return faults;
}

function isSlipOf(name: string, nearest: { readonly name: string; readonly slips: number }): boolean {
  const letters = Math.min(name.length, nearest.name.length);
  const forgivable = Math.min(MAX_SLIPS, Math.floor(letters / LETTERS_PER_SLIP));
  return forgivable > 0 && nearest.slips <= forgivable;
}
