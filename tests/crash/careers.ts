/** The packages of a sweep that go through a life of their own: who takes the next step, and how they stand around a kill. */
import type { CatalogueDatabase } from '../../src/catalogue/database.ts';
import { after, Career } from './career.ts';
import type { Choices } from './choices.ts';
import type { CareerTask, Outcome } from './publisher.ts';
import { differences, differencesInCatalogue, halfThere, noteAddresses } from './standing.ts';

/** Packages whose life goes on at one time. */
const livingMax = 6;
/** Packages that are looked at after a kill although nothing happened to them since the last one. */
const sampleMax = 5;

export class Careers {
  readonly #url: string;
  readonly #choices: Choices;
  readonly #all: Career[] = [];
  readonly #busy = new Set<Career>();
  readonly #touched = new Set<Career>();
  /** Steps that were acknowledged. */
  steps = 0;

  constructor(url: string, choices: Choices) {
    this.#url = url;
    this.#choices = choices;
  }

  /** Begins as many lives as have ended. */
  async prepare(): Promise<void> {
    this.#touched.clear();
    const living = this.#all.filter((career) => career.pending !== undefined || !career.isOver).length;
    for (let missing = livingMax - living; missing > 0; missing -= 1)
      this.#all.push(await Career.begin(this.#all.length));
  }

  /** @returns the next step of a package of which nothing is under way and nothing unanswered */
  nextTask(): CareerTask | undefined {
    const idle = this.#all.filter((career) => !this.#busy.has(career) && !career.pending && !career.isOver);
    const career = this.#choices.oneOf(idle);
    if (!career) return undefined;
    career.nextStep(this.#choices);
    return { action: 'step', career };
  }

  begin({ career }: CareerTask): void {
    this.#busy.add(career);
    this.#touched.add(career);
  }

  async end({ career }: CareerTask, outcome: Outcome): Promise<void> {
    if (outcome === 'acknowledged') {
      this.steps += 1;
      const isPublished = career.pending?.does === 'publish';
      career.settle();
      if (isPublished) await noteAddresses(this.#url, career);
    }
    this.#busy.delete(career);
  }

  /** With the write process dead: what was acknowledged is so, and nothing that is named is missing. */
  async lookAfterKill(): Promise<string[]> {
    const others = this.#all.filter((career) => !this.#touched.has(career));
    const sample = Array.from({ length: Math.min(sampleMax, others.length) }, () => this.#choices.oneOf(others)!);
    const looks = [...new Set([...this.#touched, ...sample])].map((career) =>
      career.pending ? halfThere(this.#url, career) : differences(this.#url, career, career.standing),
    );
    return (await Promise.all(looks)).flat().map((problem) => `after a kill, ${problem}`);
  }

  /** With the write process back: an unanswered step has happened wholly, or not at all. */
  async lookAfterStart(): Promise<string[]> {
    const problems: string[] = [];
    for (const career of this.#all.filter(({ pending }) => pending !== undefined)) {
      const without = await differences(this.#url, career, career.standing);
      const withIt = await differences(this.#url, career, after(career.standing, career.pending!));
      if (without.length === 0 || withIt.length === 0) continue;
      problems.push(
        `after a start, ${career.pending!.does} is neither done nor undone: ${withIt.join('; ')}; ${without.join('; ')}`,
      );
    }
    return problems;
  }

  async lookAtAll(): Promise<string[]> {
    const looks = this.#all.map((career) => differences(this.#url, career, career.standing));
    return (await Promise.all(looks)).flat().map((problem) => `in the end, ${problem}`);
  }

  async lookIntoCatalogue(db: CatalogueDatabase): Promise<string[]> {
    const looks = this.#all.map((career) => differencesInCatalogue(db, career));
    return (await Promise.all(looks)).flat();
  }
}
