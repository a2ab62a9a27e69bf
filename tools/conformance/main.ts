/** `npm run conformance`: checks that a Waldur server behaves as the gateway expects. */
import { type Arguments, HELP, parseArguments, UsageError } from './arguments.ts';
import { startEmbedded } from './embedded.ts';
import { type Pace, realPace } from './life/pace.ts';
import { asJson, ending, heading, isClean, row } from './report.ts';
import { CannotRun, conform, type Outcome } from './run.ts';

const FAILED = 1;
const COULD_NOT_RUN = 2;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface Place {
  readonly url: string;
  readonly token: string;
  readonly staffToken: string | undefined;
  readonly pace: Pace;
}

async function judge(given: Arguments, place: Place, signal: AbortSignal): Promise<Outcome> {
  const { destructive, volume, timeoutMs, json } = given;
  const { url, token, staffToken, pace } = place;
  return conform({
    url,
    token,
    destructive: destructive ? { volume, staffToken, timeoutMs, pace } : undefined,
    signal,
    onStart: (facts) => json || print(heading(facts)),
    onResult: (result) => json || print(row(result)),
  });
}

async function run(given: Arguments, signal: AbortSignal): Promise<Outcome> {
  const { target, staffToken } = given;
  if (target.kind === 'url') return judge(given, { ...target, staffToken, pace: realPace }, signal);
  const embedded = await startEmbedded(target.waldur);
  try {
    return await judge(given, { ...embedded, staffToken: staffToken ?? embedded.staffToken }, signal);
  } finally {
    await embedded.close();
  }
}

/**
 * The first signal stops the run after the current check and cleans up. A second one kills the process. A closed
 * output, as with `head`, also stops the run.
 */
function brokenOff(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  process.stdout.on('error', () => controller.abort());
  return controller.signal;
}

try {
  const given = parseArguments(process.argv.slice(2), process.env);
  if (given === undefined) {
    process.stdout.write(HELP);
  } else {
    const signal = brokenOff();
    const outcome = await run(given, signal);
    print(given.json ? asJson(outcome) : ending(outcome));
    process.exitCode = isClean(outcome) && !signal.aborted ? 0 : FAILED;
  }
} catch (error) {
  const known = error instanceof UsageError || error instanceof CannotRun;
  process.stderr.write(
    `conformance: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = COULD_NOT_RUN;
}
