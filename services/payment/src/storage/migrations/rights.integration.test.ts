import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreatePayments } from './0001-create-payments.ts'
import { rights } from './rights.ts'

describeRights('payment', { migrations: [CreatePayments], rights })
