#include "exposition/page.h"

namespace ghstats::exposition {

std::vector<Bytes> Page::identity() const {
  std::vector<Bytes> parts;
  parts.reserve(chunks.size());
  for (const ChunkPtr& chunk : chunks) parts.push_back(chunk->bytes());
  return parts;
}

std::vector<Bytes> Page::gzip() const {
  Deflater deflater;
  GzipMember member;
  for (const ChunkPtr& chunk : chunks) member.append(chunk->fragment(deflater));
  return member.finish();
}

}  // namespace ghstats::exposition
