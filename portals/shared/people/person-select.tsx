/** Chooses a person by name, of however many there are: the server finds whom the typed words name. */
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PeopleFilter } from '../api/people';
import { peopleNamedQuery } from '../api/people';
import type { Person } from '../api/types';

const REST_MS = 250;

export type Chosen = Pick<Person, 'id' | 'name'>;

interface PersonSelectProps {
  label: string;
  value: Chosen | null;
  onChange: (person: Chosen | null) => void;
  among?: PeopleFilter;
  isOffered?: (person: Person) => boolean;
  /** Said where none of them has the name. */
  nobody?: string;
  error?: string | undefined;
  'data-autofocus'?: boolean;
}

export function PersonSelect({ value, onChange, among, isOffered = () => true, nobody = 'Nobody has this name', ...field }: PersonSelectProps) {
  const [text, setText] = useState(value?.name ?? '');
  // What stands in the field after a choice is no search: who opens it again is offered everybody.
  const [wanted] = useDebouncedValue(text === value?.name ? '' : text.trim(), REST_MS);
  const found = useQuery({ ...peopleNamedQuery(wanted, among), placeholderData: keepPreviousData });
  const offered: Chosen[] = (found.data?.items ?? []).filter(isOffered);
  const listed = value && !offered.some(({ id }) => id === value.id) ? [value, ...offered] : offered;
  return (
    <Select
      {...field}
      required
      searchable
      placeholder="Type a name"
      data={listed.map(({ id, name }) => ({ value: id, label: name }))}
      // The server has chosen; its words may stand in another order than they were typed.
      filter={({ options }) => options}
      nothingFoundMessage={found.isFetching ? 'Searching' : nobody}
      searchValue={text}
      onSearchChange={setText}
      value={value?.id ?? null}
      onChange={(id) => onChange(listed.find((person) => person.id === id) ?? null)}
    />
  );
}
