/** What a reader throws: one word of the list in testdata/vectors/README.md, and what else the case says. */
export class Refusal extends Error {
  constructor(reason, details = {}) {
    super(reason)
    this.reason = reason
    this.details = details
  }
}

export function refuse(reason, details) {
  throw new Refusal(reason, details)
}

export function refuseUnless(condition, reason, details) {
  if (!condition) refuse(reason, details)
}
