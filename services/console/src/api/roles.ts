/** Reads, and buys in its own name. */
export const viewerRole = 'viewer'
/** Reads, sees what was put aside, redrives, discards and replays. */
export const operatorRole = 'operator'
/** Lets the audit trail be forgotten and built again, and nothing else. */
export const custodianRole = 'custodian'

/** What the demo of `npm start` may do: everything that the page has a button for, charging points included. */
export const demoRoles = [viewerRole, operatorRole, custodianRole, 'cashier'] as const
