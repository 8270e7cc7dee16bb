"""The messages between a page and its kernel (`messages`), their bytes (`framing`), and their TypeScript (`generate`)."""
