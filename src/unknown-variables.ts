/** A variable of the environment that is no setting, and the setting that may be meant. */
export interface UnknownVariable {
  readonly name: string;
  readonly nearest: string;
}

/** Kubernetes and Docker set such variables for every service, whatever its name is. */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT)(?:_|$)|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.*)?)?$|_ENV_|_NAME$/;
/** Variables of the tools that come with the gateway. */
const OF_TOOLS: ReadonlySet<string> = new Set(['WALDUR_TOKEN', 'WALDUR_STAFF_TOKEN']);
/** Its libraries read many more variables than the one that is a setting. */
const OF_OPENTELEMETRY = 'OTEL_';
/** Names that contain this word are meant for the gateway. */
const OWN_WORD = 'WALDUR';

/**
 * Finds variables that look like a misspelt setting: with a typing error, with a word too many, too few or wrong, or with the word WALDUR.
 * @param names of all variables.
 * @param settings names of all settings.
 */
export function nearestSettings(names: readonly string[], settings: readonly string[]): readonly UnknownVariable[] {
  const known = new Set(settings);
  return names.flatMap((name) => {
    if (known.has(name) || OF_TOOLS.has(name) || !/^[A-Z][A-Z\d_]*$/.test(name)) return [];
    if (SERVICE_LINK.test(name) || name.startsWith(OF_OPENTELEMETRY)) return [];
    const candidates = settings.filter((setting) => isMisspelt(name, setting) || hasOtherWord(name, setting));
    const nearest = closest(
      name,
      candidates.length > 0 ? candidates : settings.filter((setting) => shareOwnWord(name, setting)),
    );
    return nearest === undefined ? [] : [{ name, nearest }];
  });
}

/** Short names are close to many others, so only one error is accepted in them. */
const isMisspelt = (name: string, setting: string): boolean =>
  distance(name, setting) <= (Math.min(name.length, setting.length) < 8 ? 1 : 2);

/** Whether two names share all words but one, and at least two. */
function hasOtherWord(name: string, setting: string): boolean {
  const [words, others] = [name.split('_'), setting.split('_')];
  const shared = words.filter((word) => others.includes(word)).length;
  return shared >= 2 && Math.max(words.length, others.length) - shared <= 1;
}

const shareOwnWord = (name: string, setting: string): boolean =>
  [name, setting].every((one) => one.split('_').includes(OWN_WORD));

/** Shared words count first: a name with a word too many is nearer than one that looks alike. */
function closest(name: string, settings: readonly string[]): string | undefined {
  const words = new Set(name.split('_'));
  const ranked = settings.map((setting) => ({
    setting,
    shared: setting.split('_').filter((word) => words.has(word)).length,
    errors: distance(name, setting),
  }));
  ranked.sort((a, b) => b.shared - a.shared || a.errors - b.errors);
  return ranked[0]?.setting;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one string into the other (optimal string alignment). */
function distance(one: string, other: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const differs = one[i - 1] === other[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + differs,
          isSwap ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, last] = [last, row];
  }
  return last[other.length] ?? 0;
}
