/** Birth dates as people write them. */

/** The day of the calendar that `typed` names in the order year, month, day; as YYYY-MM-DD. */
export function dayOf(typed: string): string | undefined {
  const [, year, month, date] = /^(\d{4})[\s./-]+(\d{1,2})[\s./-]+(\d{1,2})\.?$/.exec(typed.trim()) ?? [];
  if (!year) return undefined;
  const day = `${year}-${month!.padStart(2, '0')}-${date!.padStart(2, '0')}`;
  const time = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day) ? day : undefined;
}

/** Whether somebody born on `day` can be there at `now`. */
export function isPlausible(day: string, now: Date): boolean {
  const year = now.getUTCFullYear() - 130;
  return day >= `${year}-01-01` && day <= now.toISOString().slice(0, 10);
}
