/** May read, and buy in its own name. */
export const viewerRole = 'viewer'
/** May read, see dead letters, redrive and discard them, and replay. */
export const operatorRole = 'operator'
/** May have the audit trail deleted and rebuilt, and nothing else. */
export const custodianRole = 'custodian'

/** The roles of the demo of `npm start`: it may use every button of the page, including charging points. */
export const demoRoles = [viewerRole, operatorRole, custodianRole, 'cashier'] as const
