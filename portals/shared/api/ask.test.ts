import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { client } from './generated/client.gen';
import { reportOfOrderQuery } from './reports';

describe('a report that may be there', () => {
  const answering = (response: Response) => client.setConfig({ baseUrl: 'http://gateway.test', fetch: () => Promise.resolve(response) });
  const look = () => new QueryClient({ defaultOptions: { queries: { retry: false } } }).fetchQuery(reportOfOrderQuery('o'));

  it('is null while there is none', async () => {
    answering(new Response(null, { status: 204 }));

    expect(await look()).toBeNull();
  });

  it('of an order that is not there is an error', async () => {
    answering(Response.json({ code: 'not_found' }, { status: 404 }));

    await expect(look()).rejects.toThrow();
  });
});
