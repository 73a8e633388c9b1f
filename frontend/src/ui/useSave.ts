/** One change of a form's: it is sent, what it touches is read again, and the page says that it is done. */
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { notify } from './toasts';

interface Save<Input, Answer> {
  send: (input: Input) => Promise<Answer>;
  /** Queries that show what has changed. */
  refresh?: QueryKey[];
  /** Said when it is done, if anything. */
  done: (input: Input) => string | undefined;
  onDone?: (answer: Answer) => void;
}

export function useSave<Input, Answer>({ send, refresh = [], done, onDone }: Save<Input, Answer>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async (answer, input) => {
      await Promise.all(refresh.map((queryKey) => cache.invalidateQueries({ queryKey })));
      const news = done(input);
      if (news) notify(news);
      onDone?.(answer);
    },
  });
}
