import type { ControlState, Rights } from '../protocol/server-messages.js';

/*
 * Who operates. One holder at most; everybody else is view-only at the input gate, whatever their client does.
 *
 *         join, use, request           request of another      hand-over, leave
 *   free ───────────────────► held ───────────────────► held+requested ─────────► held by the requester
 *     ▲                        │ ▲                            │ decline           take (admin): held by the admin
 *     └────────────────────────┘ └────────────────────────────┘
 *      hand-over without request, leave
 *
 * What is free belongs to the first that uses it: a key, a button or the wheel, not a pointer that passes by. Only who gave
 * control up, or had it taken away, must ask for it: the key that was still on its way must not take it back.
 *
 * A viewer that is cut keeps the lease for `graceMs`, so that a reload does not lose it; the same user coming
 * back in another session takes it over at once.
 */

/** A viewer as the lease sees it. */
export interface LeaseMember {
  readonly user: string;
  readonly name: string;
  readonly rights: Rights;
}

/** Somebody let another operate, or nobody, or took control from who had it. A free lease that is used is none. */
export interface HandOver {
  readonly act: 'hand-over' | 'take';
  readonly by: LeaseMember;
  readonly from: LeaseMember;
  readonly to: LeaseMember | undefined;
}

export class ControlLease {
  readonly #members = new Set<LeaseMember>();
  #holder: LeaseMember | undefined;
  #requester: LeaseMember | undefined;
  #holderIsCut = false;
  /** Who held last, when control became free by somebody's will. */
  #yielded: LeaseMember | undefined;

  /**
   * @param changed called after every change; the caller tells all viewers.
   * @param handedOver called when the holder changes, before anybody else may send: lets go of held keys.
   * @param acted called when a viewer has handed over or taken control, before `changed`: for the audit.
   */
  constructor(
    private readonly changed: () => void,
    private readonly handedOver: () => void,
    private readonly acted: (handOver: HandOver) => void,
  ) {}

  get holder(): LeaseMember | undefined {
    return this.#holder;
  }

  holds(member: LeaseMember): boolean {
    return this.#holder === member && !this.#holderIsCut;
  }

  stateFor(member: LeaseMember): ControlState {
    return { holderName: this.#holder?.name ?? '', youHold: this.#holder === member, requestedBy: this.#requester?.name ?? '' };
  }

  /** A viewer came, or came back. The first that may control holds. */
  join(member: LeaseMember): void {
    this.#members.add(member);
    if (this.#holder === member) this.#holderIsCut = false;
    else if (member.rights.control) {
      const sameUserReturns = this.#holderIsCut && this.#holder?.user === member.user;
      if (!this.#holder || sameUserReturns) this.#give(member);
    }
    this.changed();
  }

  /** A viewer uses keyboard or pointer (see `isUse`): takes control when it is free. Returns whether the input may pass. */
  use(member: LeaseMember): boolean {
    if (!this.#holder && member.rights.control && member !== this.#yielded) {
      this.#give(member);
      this.changed();
    }
    return this.holds(member);
  }

  /** The connection of a viewer was lost; it may come back. */
  cut(member: LeaseMember): void {
    if (this.#holder !== member) return;
    this.#holderIsCut = true;
    this.handedOver();
  }

  /** A viewer left for good. */
  leave(member: LeaseMember): void {
    if (!this.#members.delete(member)) return;
    if (this.#requester === member) this.#requester = undefined;
    if (this.#holder === member) this.#give(this.#requester);
    this.changed();
  }

  /** The grace of a cut holder is over: the one who asked, if any, may operate. */
  graceOver(member: LeaseMember): void {
    if (this.#holder !== member || !this.#holderIsCut) return;
    this.#give(this.#requester);
    this.changed();
  }

  request(member: LeaseMember): void {
    if (!member.rights.control || this.#holder === member) return;
    if (!this.#holder || this.#holder.user === member.user) this.#give(member);
    else this.#requester = member;
    this.changed();
  }

  /** By the holder or an admin: to the one who asked, else to nobody. */
  handOver(member: LeaseMember): void {
    if (this.#holder !== member && !member.rights.admin) return;
    const [from, to] = [this.#holder, this.#requester];
    this.#yield(to);
    if (from) this.acted({ act: 'hand-over', by: member, from, to });
    this.changed();
  }

  /** By the holder, who goes on. Returns who had asked; they may ask again. */
  decline(member: LeaseMember): LeaseMember | undefined {
    const asked = this.#requester;
    if (!asked || !this.holds(member)) return undefined;
    this.#requester = undefined;
    this.changed();
    return asked;
  }

  take(member: LeaseMember): void {
    if (!member.rights.admin || this.#holder === member) return;
    const from = this.#holder;
    this.#give(member);
    if (from) this.acted({ act: 'take', by: member, from, to: member });
    this.changed();
  }

  /** By the host, on an administrator's word: to a member who may control, or to nobody. Returns whether there is such a member. */
  passTo(user: string | undefined): boolean {
    const member = user === undefined ? undefined : [...this.#members].find((each) => each.user === user && each.rights.control);
    if (user !== undefined && !member) return false;
    if (member !== this.#holder) this.#yield(member);
    this.changed();
    return true;
  }

  /** The holder's time is over because somebody wants it so. */
  #yield(to: LeaseMember | undefined): void {
    const before = this.#holder ?? this.#yielded;
    this.#give(to);
    if (!to) this.#yielded = before;
  }

  #give(to: LeaseMember | undefined): void {
    if (this.#holder) this.handedOver();
    this.#holder = to;
    this.#yielded = undefined;
    this.#holderIsCut = false;
    if (this.#requester === to) this.#requester = undefined;
  }
}
