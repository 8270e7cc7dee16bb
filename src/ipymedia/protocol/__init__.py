"""Messages between a page and its kernel (`messages`), their bytes (`framing`), their TypeScript (`generate`)."""
