/**
 * Judges the certificate that a live connection was given: name, chain, dates, and whether it is the one that ought to be served. How much of its
 * lifetime is left is measured as a share, because lifetimes differ and grow shorter.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../../std/clock.ts';
import { type Attempt, Finding, NotTried } from './attempt.ts';

/** Names of what is measured; alarms go by them. */
export const certificateMeasures = {
  lifetimeLeftRatio: 'certificate_lifetime_left_ratio',
  secondsLeft: 'certificate_left_seconds',
} as const;

export interface WantedCertificate {
  readonly name: string;
  /** Holds the certificate that ought to be served, PEM. */
  readonly file?: string | undefined;
}

/** Measures what is left and throws Finding with what is wrong; NotTried when only the comparison could not be made. */
export async function judgeCertificate(
  socket: TLSSocket,
  wanted: WantedCertificate,
  clock: Clock,
  attempt: Attempt,
): Promise<void> {
  const chain = servedChain(socket);
  const [leaf] = chain;
  if (leaf === undefined) throw new Finding('no certificate was served');
  const now = clock.now();
  // The first of the chain to end is the end of all; what is a long time is told by the leaf's own.
  const leftMs = Math.min(...chain.map(({ valid_to }) => Date.parse(valid_to))) - now;
  const lifetimeMs = Date.parse(leaf.valid_to) - Date.parse(leaf.valid_from);
  attempt.measure(certificateMeasures.lifetimeLeftRatio, leftMs / lifetimeMs);
  attempt.measure(certificateMeasures.secondsLeft, leftMs / 1_000);
  const expired = chain.find(({ valid_to }) => Date.parse(valid_to) <= now);
  if (expired) {
    const whose = expired === leaf ? 'the certificate' : `the certificate of ${subjectOf(expired)} in the chain`;
    throw new Finding(`${whose} expired on ${dayOf(expired.valid_to)}`);
  }
  if (Date.parse(leaf.valid_from) > now) {
    throw new Finding(`the certificate is not valid before ${dayOf(leaf.valid_from)}`);
  }
  if (!socket.authorized) throw new Finding(reasonOf(socket.authorizationError, leaf, wanted.name));
  if (wanted.file !== undefined) await compareSerial(leaf, wanted.file);
}

/** Longer chains are in no use. */
const chainLengthMax = 10;

/** What the server sent: the leaf first, without a root, which proves nothing. */
function servedChain(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (one?.raw !== undefined && chain.length < chainLengthMax) {
    const next: DetailedPeerCertificate | undefined = one.issuerCertificate;
    // A root is its own issuer.
    const isRoot: boolean = next?.fingerprint256 === one.fingerprint256;
    if (!isRoot || chain.length === 0) chain.push(one);
    one = isRoot ? undefined : next;
  }
  return chain;
}

function reasonOf(error: Error | string | null | undefined, leaf: DetailedPeerCertificate, name: string): string {
  const code = typeof error === 'string' ? error : ((error as NodeJS.ErrnoException | null)?.code ?? String(error));
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (leaf.subjectaltname ?? subjectOf(leaf)).replaceAll(/DNS:|IP Address:/g, '');
    return `the certificate is for ${names} and not for ${name}`;
  }
  return code in chainTroubles ? `${chainTroubles[code]} (${code})` : `the certificate is not trusted (${code})`;
}

const chainTroubles: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the chain is not complete: a certificate between this one and its root is missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain is not complete, or its root is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the chain is not complete, or its root is not trusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate vouches for itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the root of the chain is not trusted',
};

/** A renewed certificate that the server has not been told of runs out all the same. */
async function compareSerial(leaf: DetailedPeerCertificate, file: string): Promise<void> {
  const wanted = await readFile(file)
    .then((pem) => new X509Certificate(pem).serialNumber)
    .catch(() => {
      throw new NotTried('the file with the certificate that ought to be served cannot be read');
    });
  const served = leaf.serialNumber;
  if (BigInt(`0x${wanted}`) === BigInt(`0x${served}`)) return;
  throw new Finding(`the certificate with the serial number ${served} is served, and not the one on disk, ${wanted}`);
}

function subjectOf({ subject }: DetailedPeerCertificate): string {
  return [subject.CN ?? subject.O ?? 'an unnamed subject'].flat().join(', ');
}

function dayOf(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
