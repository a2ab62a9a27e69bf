/** What the process prints when it is ready. */
export interface BannerFacts {
  readonly version: string;
  /** Address of the gateway, without a slash at the end. */
  readonly url: string;
  readonly hasExplorer: boolean;
  readonly hasDashboard: boolean;
  readonly waldur: { readonly url: string; readonly version?: string | undefined };
  readonly embedded: EmbeddedFacts | undefined;
}

export interface EmbeddedFacts {
  /** The simulated version of Waldur. */
  readonly waldur: string;
  readonly scale: number;
  readonly activity: boolean;
  readonly users: readonly { readonly username: string; readonly role: string; readonly token: string }[];
}

/** Fits on the smallest terminal, of 24 rows and 80 columns. */
export function bannerOf(facts: BannerFacts): string {
  const { version, url, hasExplorer, hasDashboard, waldur, embedded } = facts;
  const addresses: [string, string][] = [
    ...(hasExplorer ? [['Explorer', `${url}/`] satisfies [string, string]] : []),
    ...(hasDashboard ? [['Dashboard', `${url}/live`] satisfies [string, string]] : []),
    ['GraphQL', `${url}/graphql`],
    ['Waldur', `${waldur.url}${aboutWaldur(facts)}`],
  ];
  return [
    `Waldur snapshots gateway ${version}`,
    ...addresses.map(([name, address]) => `  ${name.padEnd(10)}${address}`),
    ...(embedded === undefined ? [] : ['', ...userTable(embedded, waldur.url)]),
    '',
    ...thingsToTry(facts),
  ].join('\n');
}

/** In brackets; nothing for a Waldur whose version only its users may read. */
function aboutWaldur({ waldur: { version }, embedded }: BannerFacts): string {
  if (embedded !== undefined) return ` (embedded: ${aboutWorld(embedded)})`;
  return version === undefined ? '' : ` (version ${version})`;
}

const aboutWorld = ({ waldur, scale, activity }: EmbeddedFacts): string =>
  [`version ${waldur}`, `waits divided by ${scale}`, ...(activity ? ['others are at work'] : [])].join(', ');

/** One user for each role, the one named after it. */
function userTable({ users: all }: EmbeddedFacts, waldurUrl: string): string[] {
  const users = all.filter(({ username, role }) => username === role);
  const wide = (column: 'username' | 'role'): number => Math.max(...users.map((user) => user[column].length), 4) + 2;
  const [name, role] = [wide('username'), wide('role')];
  return [
    `  ${'User'.padEnd(name)}${'Role'.padEnd(role)}Token, for the header "Authorization: Token TOKEN"`,
    ...users.map((user) => `  ${user.username.padEnd(name)}${user.role.padEnd(role)}${user.token}`),
    `  ${all.length - users.length} more: ${new URL('/__sim/tokens', waldurUrl)}`,
  ];
}

function thingsToTry({ url, hasExplorer, embedded }: BannerFacts): string[] {
  const token = embedded?.users.find(({ role }) => role === 'owner')?.token ?? 'TOKEN';
  const curl = `curl -g '${url}/graphql?query={snapshots{totalCount}}' -H 'Apollo-Require-Preflight: 1' -H 'Authorization: Token ${token}'`;
  return [
    'Try:',
    ...(hasExplorer ? ['  open the explorer; its tab Changes shows changes as they happen'] : []),
    `  ${curl}`,
    ...(embedded === undefined ? [] : ['  npm run demo:live']),
  ];
}
