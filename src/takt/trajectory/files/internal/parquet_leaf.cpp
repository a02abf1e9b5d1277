#include "takt/trajectory/files/internal/parquet_leaf.hpp"

#include "takt/core/error.hpp"

namespace takt::trajectory::files::internal {
namespace {

constexpr int kMaxDepth = 16;

class SchemaWalk {
 public:
  SchemaWalk(const FileMetadata& metadata, const std::string& name) : schema_(metadata.schema), name_(name) {}

  std::vector<Leaf> leaves() {
    if (schema_.empty() || schema_.front().type) {
      refuse("its schema has no root");
    }
    next_ = 1;
    visit_children(schema_.front(), {}, 1);
    if (next_ != schema_.size()) {
      refuse("its schema has elements that belong to nothing");
    }
    return std::move(leaves_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw ConfigError(name_, 0, "", "no sound Parquet file: " + what);
  }

  void visit_children(const SchemaElement& parent, const Leaf& above, int depth) {
    if (depth > kMaxDepth) {
      refuse("its schema is nested too deeply");
    }
    for (std::int64_t i = 0; i < parent.children; ++i) {
      if (next_ == schema_.size()) {
        refuse("its schema ends too early");
      }
      visit(schema_[next_++], above, depth);
    }
  }

  void visit(const SchemaElement& element, Leaf here, int depth) {
    if (depth == 1) {
      here.column = element.name;
    }
    if (element.repetition < 0 || element.repetition > 2) {
      refuse("its schema has a repetition of " + std::to_string(element.repetition));
    }
    if (element.repetition != static_cast<std::int64_t>(Repetition::kRequired)) {
      ++here.most_definition;
    }
    if (element.repetition == static_cast<std::int64_t>(Repetition::kRepeated)) {
      ++here.most_repetition;
      here.list_definition = here.most_definition;
    }
    if (element.type) {
      here.type = *element.type;
      leaves_.push_back(here);
    } else {
      visit_children(element, here, depth + 1);
    }
  }

  const std::vector<SchemaElement>& schema_;
  const std::string& name_;
  std::size_t next_{0};
  std::vector<Leaf> leaves_;
};

}  // namespace

std::vector<Leaf> find_leaves(const FileMetadata& metadata, const std::string& name) {
  return SchemaWalk(metadata, name).leaves();
}

}  // namespace takt::trajectory::files::internal
