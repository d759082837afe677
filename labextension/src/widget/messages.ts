/**
 * What goes between the page and the kernel, in one form both ways: `type`, `id`, `payload`. The mirror of
 * `src/celltrail/widget/messages.py`.
 */
import type { Guarded } from '../guards';
import { either, isFiniteNumber, isFlag, isText, listOf, oneOf, shape } from '../guards';
import { isCompareView, isRunRow } from '../schema';

interface IPayloads {
  list: { filter: string };
  compare: { left: string; right: string };
}

export type RequestType = keyof IPayloads;

/** What the page asks. */
export interface IRequest<T extends RequestType> {
  type: T;
  id: number;
  payload: IPayloads[T];
}

export type Payload<T extends RequestType> = IPayloads[T];

const isRows = shape({
  type: oneOf('rows'),
  id: isFiniteNumber,
  payload: shape({ rows: listOf(isRunRow), is_cut: isFlag })
});

const isCompared = shape({ type: oneOf('compared'), id: isFiniteNumber, payload: isCompareView });

const isFault = shape({ type: oneOf('fault'), id: isFiniteNumber, payload: shape({ message: isText }) });

/** Whether the kernel's message is an answer that is understood here. */
export const isReply = either(either(isRows, isCompared), isFault);

export type Reply = Guarded<typeof isReply>;
