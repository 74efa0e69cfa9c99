import { Injectable } from '@nestjs/common';
import type { ChannelTrouble } from './mail-errors.js';

/** Mails that are being sent, and connections to the mail server. */
export const AT_ONCE = 6;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** By a millisecond or two; who is woken must find that it is time. */
const TIMERS_ARE_EARLY = 10;

/** How the mail server is, as far as this process knows. */
export type ChannelState =
  | { state: 'open' }
  | {
      state: 'paused';
      /** A word such as `EAUTH`. */
      trouble: string;
      why: string;
      since: Date;
    };

/**
 * Whether mails can leave at all. In trouble it is paused, and one mail is tried at growing intervals until one passes.
 * Each process knows for itself: nobody's mails depend on what another has seen.
 */
@Injectable()
export class MailChannel {
  private paused: Extract<ChannelState, { state: 'paused' }> | null = null;
  private probes = 0;
  private nextProbe = 0;
  /** Grows with everything that is learnt of the mail server. */
  private learnt = 0;

  get state(): ChannelState {
    return this.paused ?? { state: 'open' };
  }

  /** How many mails may be tried beside those that are being sent. */
  roomBeside(underWay: number): number {
    if (!this.paused) return AT_ONCE - underWay;
    return performance.now() >= this.nextProbe && underWay === 0 ? 1 : 0;
  }

  /** To be remembered by an attempt when it begins. */
  get knowledge(): number {
    return this.learnt;
  }

  /** Whether nothing was learnt since: what an attempt that began then has met may be everybody's. */
  isNews(knowledge: number): boolean {
    return this.learnt === knowledge;
  }

  /** Milliseconds until one mail may be tried: from 1 second to 1 minute, a fifth more or less so that replicas spread out. */
  pause({ why, code }: ChannelTrouble): number {
    this.learnt += 1;
    this.paused = { state: 'paused', trouble: code, why, since: this.paused?.since ?? new Date() };
    const pause = Math.round(Math.min(FIRST_PAUSE * 2 ** this.probes++, LONGEST_PAUSE) * (0.8 + Math.random() * 0.4));
    this.nextProbe = performance.now() + pause - TIMERS_ARE_EARLY;
    return pause;
  }

  resume(): void {
    this.learnt += 1;
    this.paused = null;
    this.probes = 0;
  }
}
