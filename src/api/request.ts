/** What a request of the API says: its body, and the package that its address names, in any spelling. */
import type { FastifyRequest } from 'fastify';
import { isEcosystem, spellings } from '../identity/spelling.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { Ecosystem } from '../validate/candidate.ts';

/** The fields of a JSON body; none when there is no body, or when it is no object. */
export function bodyOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}

export function texts(value: unknown, fallback: readonly string[]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : fallback;
}

/** @returns the reason in the body, empty when there is none; refuses one that is no text, so that none is lost without a word */
export function reasonOf(request: FastifyRequest): string | Refusal {
  const { reason = '' } = bodyOf(request);
  return typeof reason === 'string' ? reason : refuse('form-field-invalid', 'A reason is a text.');
}

/** What an address below `/api/feeds/` names. */
export interface Subject {
  readonly feedName: string;
  readonly ecosystem: Ecosystem;
  readonly normalizedName: string;
  readonly normalizedVersion?: string;
  /** Exactly as it is served. */
  readonly filename?: string;
}

/** A subject that is a version, or one of its files. */
export type VersionSubject = Subject & { readonly normalizedVersion: string };

/** Reads feed, ecosystem, name, version and file of the address; names and versions in any of their forms. */
export function subjectOf(request: FastifyRequest): Subject | Refusal {
  const { feed = '', ecosystem = '', name = '', version, filename } = request.params as Record<string, string>;
  if (!isEcosystem(ecosystem)) {
    return refuse(
      'not-found',
      `There is no ecosystem "${ecosystem}" here; there are ${Object.keys(spellings).join(' and ')}.`,
    );
  }
  const spelling = spellings[ecosystem];
  return {
    feedName: feed,
    ecosystem,
    normalizedName: spelling.name(name),
    ...(version === undefined ? {} : { normalizedVersion: spelling.version(version) }),
    ...(filename === undefined ? {} : { filename }),
  };
}
