// Opens the first groups of the sidebar on the first visit. Later, TypeDoc remembers what the reader opened.
for (const group of ['Main classes', 'Get started', 'Guides'])
  if (localStorage.getItem(`tsd-accordion-${group}`) === null)
    localStorage.setItem(`tsd-accordion-${group}`, 'true');
