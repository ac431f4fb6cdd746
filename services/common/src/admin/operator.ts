/** The role that a token needs for the operators' services. */
export const operatorRole = 'operator'
