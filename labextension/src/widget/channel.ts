/** The way to the kernel: questions go out with a number, an answer counts only for the last question of its kind. */
import type { Payload, Reply, RequestType } from './messages';
import { isReply } from './messages';

/** What the panel needs of anywidget's model. */
export interface IModel {
  send(content: unknown): void;
  on(event: 'msg:custom', heard: (content: unknown) => void): void;
  off(event: 'msg:custom', heard: (content: unknown) => void): void;
}

export class Channel {
  constructor(
    private readonly model: IModel,
    private readonly answered: (reply: Reply) => void
  ) {
    model.on('msg:custom', this.heard);
  }

  ask<T extends RequestType>(type: T, payload: Payload<T>): void {
    this.last += 1;
    this.asked.set(type, this.last);
    this.model.send({ type, id: this.last, payload });
  }

  dispose(): void {
    this.model.off('msg:custom', this.heard);
  }

  private readonly heard = (content: unknown): void => {
    // An answer to a question that was asked anew since is late, and dropped.
    if (isReply(content) && [...this.asked.values()].includes(content.id)) {
      this.answered(content);
    }
  };

  private readonly asked = new Map<RequestType, number>();
  private last = 0;
}
