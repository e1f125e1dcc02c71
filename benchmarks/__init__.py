"""Speed and memory as ratios measured side by side, quality against pinned floors, and the main job on real texts."""
