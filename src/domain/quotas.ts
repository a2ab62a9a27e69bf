/** Quotas of a tenant, and what a restore needs of them (contract 2.3). */

/** A quota as Waldur shows it. `limit` null: none is shown. */
export interface Quota {
  readonly name: string;
  readonly usage: number;
  readonly limit: number | null;
}

/** What a restore makes: a volume of this size in MiB and of this type. */
export interface NewVolume {
  readonly size: number;
  readonly typeName: string | null;
}

const GIB = 1024;

/** Amounts by quota, in the order in which Waldur checks them. */
const neededFor = ({ size, typeName }: NewVolume): readonly (readonly [name: string, amount: number])[] => [
  ['volumes', 1],
  ['volumes_size', size],
  ['storage', size],
  ...(typeName === null ? [] : [[`gigabytes_${typeName}`, size / GIB] as const]),
];

/** The unit in which Waldur counts a quota, with a blank before it; quotas of objects have none. */
function unitOf(name: string): string {
  if (name.startsWith('gigabytes_')) return ' GiB';
  return name === 'storage' || name.endsWith('_size') ? ' MiB' : '';
}

/** @returns why the quotas do not admit the new volume; null when they do, and when Waldur shows no limit. */
export function quotaRefusal(quotas: readonly Quota[], volume: NewVolume): string | null {
  for (const [name, amount] of neededFor(volume)) {
    const quota = quotas.find((one) => one.name === name);
    if (quota === undefined || quota.limit === null || quota.usage + amount <= quota.limit) continue;
    const unit = unitOf(name);
    return `The quota ${name} of the tenant would be exceeded: ${quota.usage} of ${quota.limit}${unit} are used, and a restore needs ${amount}${unit}.`;
  }
  return null;
}
