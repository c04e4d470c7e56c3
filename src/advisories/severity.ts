/**
 * How bad a vulnerability is, in the four steps that NuGet counts (0 low, 1 moderate, 2 high, 3 critical). What a database says in
 * a word goes first; otherwise the base score of a CVSS 3 vector is worked out.
 */

export interface Severity {
  /** 0 to 3. */
  readonly step: number;
  /** False when nothing told it, and the middle was assumed. */
  readonly isKnown: boolean;
}

/** As an OSV file has it: `{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/…"}`. */
export interface ScoredSeverity {
  readonly type: string;
  readonly score: string;
}

const words: Readonly<Record<string, number>> = { LOW: 0, MODERATE: 1, MEDIUM: 1, HIGH: 2, CRITICAL: 3 };
const assumed = 1;
const malicious = 3;

/**
 * @param id the advisory's: those of the database of malicious packages have no score, and are as bad as can be
 * @param word such as `HIGH`, in any letter case; empty for none
 * @param scored CVSS vectors. One of version 4 says nothing here: its score comes from a table of 270 rows, and the databases that
 * write such vectors write the word as well
 */
export function severityOf(id: string, word: string, scored: readonly ScoredSeverity[]): Severity {
  const named = words[word.toUpperCase()];
  if (named !== undefined) return { step: named, isKnown: true };
  for (const { type, score } of scored) {
    const base = type === 'CVSS_V3' ? cvss3BaseScore(score) : undefined;
    if (base !== undefined) return { step: stepOf(base), isKnown: true };
  }
  if (id.startsWith('MAL-')) return { step: malicious, isKnown: true };
  return { step: assumed, isKnown: false };
}

/** The qualitative scale of CVSS 3.1, section 5; a score of nothing counts as low. */
function stepOf(score: number): number {
  if (score >= 9) return 3;
  if (score >= 7) return 2;
  return score >= 4 ? 1 : 0;
}

const metrics = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  S: { U: 0, C: 1 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
} as const satisfies Record<string, Record<string, number>>;
/** Privileges weigh more when what is attacked lies outside of what they are for. */
const privileges = { unchanged: { N: 0.85, L: 0.62, H: 0.27 }, changed: { N: 0.85, L: 0.68, H: 0.5 } } as const;

/**
 * The base score of a CVSS 3.0 or 3.1 vector (specification of CVSS 3.1, section 7.1). Temporal and environmental metrics are not
 * looked at.
 * @returns 0.0 to 10.0; undefined when it is no such vector
 */
export function cvss3BaseScore(vector: string): number | undefined {
  if (!/^CVSS:3\.[01]\//.test(vector)) return undefined;
  const given = new Map(vector.split('/').map((part) => part.split(':') as [string, string]));
  const weight = (table: Readonly<Record<string, number>>, name: string) => {
    const value = given.get(name) ?? '';
    return Object.hasOwn(table, value) ? table[value]! : Number.NaN;
  };
  const scope = weight(metrics.S, 'S');
  const isChanged = scope === metrics.S.C;
  const [confidentiality, integrity, availability] = (['C', 'I', 'A'] as const).map((name) =>
    weight(metrics[name], name),
  ) as [number, number, number];
  const lost = 1 - (1 - confidentiality) * (1 - integrity) * (1 - availability);
  const impact = isChanged ? 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 : 6.42 * lost;
  const privilege = weight(isChanged ? privileges.changed : privileges.unchanged, 'PR');
  const exploitability =
    8.22 * weight(metrics.AV, 'AV') * weight(metrics.AC, 'AC') * privilege * weight(metrics.UI, 'UI');
  const score = (isChanged ? 1.08 : 1) * (impact + exploitability);
  if (Number.isNaN(score) || Number.isNaN(scope)) return undefined;
  return impact <= 0 ? 0 : roundUp(Math.min(score, 10));
}

/** To one decimal, upwards, without being led astray by how the machine keeps fractions (section 7.1, appendix A). */
function roundUp(score: number): number {
  const whole = Math.round(score * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
