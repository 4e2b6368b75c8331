import { fields, sha256 } from './bytes.mjs'

export const chainStart = Buffer.alloc(32)

/** Hash of an event: it stands for it and for all before it. service is 'keystore' or 'vault', subject is an id or null, head a number or null. */
export const eventHash = (service, previous, account, event) =>
  sha256(fields(
    `${service}/v1/audit-event`, previous, { id: account }, event.number, event.hour, event.kind, { id: event.session },
    event.subject === null ? Buffer.alloc(0) : { id: event.subject }, event.head ?? 0))
