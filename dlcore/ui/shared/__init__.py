"""What all pages share: texts, formats, drafts, samples, status."""
